/// What the page of samples has beyond the report's style sheet. It holds no `<`, `&` or `]]>`.
enum SamplePageStyle {
    static let sheet = """
        header .legend{margin-top:1rem}
        .sample{margin:0 0 1.6rem;padding:1rem;background:var(--raised);border:1px solid var(--rule);border-radius:8px;
        break-inside:avoid}
        .sample-main{display:grid;grid-template-columns:minmax(0,27.5rem) minmax(0,1fr);gap:1rem 1.6rem;align-items:start}
        .sample h3{margin:0 0 .6rem;overflow-wrap:anywhere}
        .sample img{display:block;background:#000;border-radius:4px}
        .sample .picture img{width:100%;height:auto}
        .sample dl{grid-template-columns:minmax(6rem,max-content) minmax(0,1fr);gap:.2rem 1rem;font-size:.92rem;margin:0}
        .sample dt{font-weight:500;color:var(--soft)}
        .sample details{margin-top:.8rem;font-size:.92rem}
        .sample details dl{padding:0 .9rem .7rem;grid-template-columns:minmax(6rem,40%) minmax(0,1fr)}
        .sample dt,.sample dd{overflow-wrap:anywhere}
        .sample .warnings{margin:0 0 .8rem}
        .strip{display:grid;grid-template-columns:repeat(auto-fill,minmax(6.5rem,1fr));gap:.6rem;margin-top:1rem}
        .strip img{width:100%;height:auto;max-width:11rem}
        .strip figcaption{margin-top:.2rem;color:var(--soft);font-size:.8rem}
        @media (max-width:46rem){.sample-main{grid-template-columns:minmax(0,1fr)}}

        """
}
