/// The report's style sheet. It holds no `<`, `&` or `]]>`, so that the page stays well-formed XML.
package enum ReportStyle {
    package static let sheet = colors + page + tables + charts + print

    /// Series colors keep at least 17 units of CIELAB apart under simulated deuteranopia, protanopia and tritanopia
    /// (Machado 2009), the first four at least 22, and a contrast of 3 : 1 with the page.
    private static let light = """
        --page:#fff;--raised:#f6f7f9;--ink:#1a1e24;--soft:#555d69;--rule:#d8dce2;--grid:#e8ebef;--link:#0a5494;
        --warn-ink:#6a4300;--warn-page:#fff6e2;--warn-rule:#e0b354;
        --c0:#3490e0;--c1:#e85d12;--c2:#00653b;--c3:#5c36bf;--c4:#6f4f00;--c5:#9d3d8e;--c6:#334453;
        """

    private static let dark = """
        --page:#14171c;--raised:#1c2027;--ink:#e7eaee;--soft:#a6aeba;--rule:#363c46;--grid:#272c34;--link:#86c1ff;
        --warn-ink:#ffdf9b;--warn-page:#2b2414;--warn-rule:#8a6a24;
        --c0:#3b90ff;--c1:#e59c67;--c2:#42e5bd;--c3:#efa7ff;--c4:#e7d23a;--c5:#e462bb;--c6:#dcc6e9;
        """

    private static let colors = """
        :root{color-scheme:light dark;\(light)}
        @media screen and (prefers-color-scheme:dark){:root{\(dark)}}
        \((0..<SeriesStyle.colorCount).map { ".s\($0){--c:var(--c\($0))}" }.joined())

        """

    private static let page = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
        @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
        body{margin:0 auto;max-width:70rem;padding:2.5rem clamp(1rem,4vw,2.5rem) 3rem;background:var(--page);
        color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
        p,li,dd{overflow-wrap:anywhere}
        a{color:var(--link);text-underline-offset:.15em}
        :focus-visible{outline:3px solid var(--link);outline-offset:2px}
        .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        .skip{position:absolute;left:1rem;top:-4rem;padding:.5rem 1rem;background:var(--page);z-index:2}
        .skip:focus{top:.5rem}
        .kicker{margin:0;color:var(--soft);font-size:.85rem;letter-spacing:.06em;text-transform:uppercase}
        h1{margin:.1rem 0 .4rem;font-size:clamp(1.6rem,5vw,2.3rem);line-height:1.15;letter-spacing:-.015em;
        overflow-wrap:anywhere;text-wrap:balance}
        h2{margin:0 0 1rem;font-size:1.4rem;line-height:1.25;letter-spacing:-.01em;text-wrap:balance}
        h3{margin:2rem 0 .6rem;font-size:1.1rem}
        h4{margin:1.2rem 0 .5rem;font-size:1rem;font-weight:600}
        .question{margin:.2rem 0 .6rem;max-width:46rem;font-size:1.15rem;color:var(--soft)}
        .facts{margin:0;color:var(--soft);font-size:.9rem}
        nav{margin:1.5rem 0 0;padding:.7rem 0;border-block:1px solid var(--rule)}
        nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:0;padding:0;list-style:none;font-size:.9rem}
        nav a{display:inline-block;padding:.2rem 0}
        section{margin-top:2.6rem;scroll-margin-top:1rem}
        .lead{max-width:46rem;font-size:1.1rem;margin:0 0 .8rem}
        .items{max-width:46rem;padding-left:1.2rem}
        .items li{margin:.35rem 0}
        .note{max-width:46rem;margin:.6rem 0 0;color:var(--soft);font-size:.88rem}
        .warnings{max-width:46rem;margin:1.2rem 0;padding:.7rem 1rem;border-left:4px solid var(--warn-rule);
        background:var(--warn-page);color:var(--warn-ink)}
        .warnings p{margin:0}.warnings ul{margin:.3rem 0 0;padding-left:1.1rem}
        dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.4rem 1.4rem;margin:0 0 1rem;max-width:52rem}
        dt{font-weight:600}dd{margin:0}
        details{margin:.8rem 0;border:1px solid var(--rule);border-radius:6px}
        summary{padding:.6rem .9rem;cursor:pointer;font-weight:600}
        .folded{padding:.2rem .9rem .6rem}.folded .scroll{margin:0 0 .4rem}
        .numbers{margin:.4rem 0 0;border:0;font-size:.85rem}
        .numbers summary{display:inline-block;padding:.15rem 0;color:var(--soft);font-weight:400}
        .numbers summary::before{content:"▸ "}.numbers[open] summary::before{content:"▾ "}
        .numbers .scroll{padding:.3rem 0 .4rem}
        pre{margin:0;padding:.8rem .9rem;overflow:auto;border-top:1px solid var(--rule);background:var(--raised);
        border-radius:0 0 6px 6px}
        code{font:.85rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
        footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--rule);color:var(--soft);font-size:.88rem}

        """

    private static let tables = """
        .scroll{overflow-x:auto;margin:0 0 .8rem}
        table{border-collapse:collapse;width:100%;font-size:.88rem;line-height:1.35;
        font-variant-numeric:tabular-nums lining-nums}
        caption{padding:0 0 .5rem;text-align:left;color:var(--soft);font-size:.88rem}
        caption span{display:inline-block;position:sticky;left:0;max-width:min(100%,calc(100vw - 2.2rem))}
        details caption span{max-width:min(100%,calc(100vw - 4.4rem))}
        th,td{padding:.42rem .45rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid)}
        th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
        thead th{vertical-align:bottom;border-bottom:2px solid var(--rule);white-space:nowrap}
        .list thead th,.numbers thead th,.main thead th{white-space:normal}
        tbody th{font-weight:500}
        tbody th[scope=row]{min-width:9rem}
        .number{text-align:right;white-space:nowrap}
        .number small{display:block;color:var(--soft);font-size:.9em}
        @media screen and (min-width:70rem){.main:has(th:nth-child(11)){font-size:.76rem}
        .main:has(th:nth-child(11)) :is(td,thead th){padding-inline:.2rem}
        .main:has(th:nth-child(11)) :is(td:last-child,thead th:last-child){padding-right:0}
        .main:has(th:nth-child(11)) :is(th[scope=row],thead th:first-child){min-width:7.6rem;padding-left:0}}
        .paper td{padding-block:.55rem}
        .paper .number small{padding-right:1.95em}
        th small,.group small{color:var(--soft);font-weight:400}
        .terms{display:none}
        @media (hover:none){.terms{display:block}code[title] span{display:none}code[title]::after{content:attr(title)}}
        code[title]{overflow-wrap:anywhere}
        abbr{text-decoration:underline dotted var(--soft);text-underline-offset:.2em;cursor:help}
        .group th{padding:1.1rem 0 .4rem;font-weight:700;font-size:.95rem}
        .group-title{position:sticky;left:0}
        .stars{display:inline-block;min-width:1.6em;text-align:left;padding-left:.15em}
        .reference{text-align:center;color:var(--soft);font-style:italic}
        .weight{min-width:8rem}
        .weight span{white-space:nowrap}
        .bar{display:block;width:100%;max-width:8rem;height:.55rem;margin:.15rem 0 .2rem}
        .bar-track{fill:var(--grid)}.bar-fill{fill:var(--link)}
        .keyed{display:inline-flex;gap:.5em;align-items:baseline}
        .key{width:.85em;height:.85em;flex:none;position:relative;top:.06em;overflow:visible}

        """

    private static let charts = """
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));gap:1.6rem 2rem}
        .charts.single{grid-template-columns:minmax(0,36rem)}
        .charts+.scroll,.scroll+.charts{margin-top:1.6rem}
        figure{margin:0;display:flex;flex-direction:column;break-inside:avoid}
        figcaption{font-size:.9rem}
        .charts figcaption{order:-1;margin-bottom:.3rem}
        .chart{width:100%;height:auto;max-width:36rem;font-family:inherit;font-variant-numeric:tabular-nums}
        .chart text{font-size:12px;fill:var(--soft)}
        .chart .row-title{fill:var(--ink);font-weight:500}.chart .row-value{fill:var(--ink)}
        .chart .row-title,.chart .row-value{paint-order:stroke;stroke:var(--page);stroke-width:4px}
        .grid{stroke:var(--grid)}.axis{stroke:var(--soft)}
        .diagonal{stroke:var(--soft);stroke-dasharray:1 4;stroke-linecap:round}
        .line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}
        .line.faint{stroke-width:1.3;stroke-opacity:.75}
        .band{fill:var(--c);fill-opacity:.16}
        .halo{fill:none;stroke:var(--page);stroke-width:5.5;stroke-linejoin:round}
        .mark{fill:var(--c)}.ringed{stroke:var(--page);stroke-width:1.2}
        .points{fill:var(--c);fill-opacity:.3;stroke:var(--c);stroke-width:.6}
        .box{fill:var(--c);fill-opacity:.22;stroke:var(--c);stroke-width:1.3}
        .whisker,.interval{stroke:var(--c);stroke-width:1.5}.interval{stroke-width:2}
        .median{stroke:var(--c);stroke-width:3.5}
        .mean{fill:var(--page);stroke:var(--ink);stroke-width:1.2}
        .legend{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;margin:0 0 1rem;padding:0;list-style:none;font-size:.9rem}
        .legend li{display:flex;align-items:center;gap:.5rem}
        .swatch{width:40px;height:14px;flex:none}.framed{background:#3a3f46;border-radius:3px}
        .gallery{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,10rem),1fr));gap:1rem;margin:0 0 1rem}
        .gallery img{width:100%;height:auto;max-width:26rem;border-radius:4px;background:#000}
        .gallery figcaption{margin-top:.35rem;font-variant-numeric:tabular-nums}
        .case{display:block;color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
        @media (max-width:34rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}
        .gallery{grid-template-columns:repeat(2,minmax(0,1fr))}}

        """

    private static let print = """
        @page{margin:16mm 14mm}
        @media print{
        html{font-size:9.5pt}
        body{max-width:none;padding:0}
        nav,.skip{display:none}
        section{margin-top:1.6rem}
        h2,h3,h4,.legend,summary,caption,thead,thead tr,.group{break-after:avoid}
        thead+tbody tr:first-child,.group+tr{break-before:avoid}
        .terms{display:block}
        code[title] span{display:none}code[title]::after{content:attr(title)}
        .charts,.charts.single{grid-template-columns:1fr 1fr;gap:1rem 1.4rem}
        .scroll{overflow:visible}
        caption span,details caption span{max-width:none}
        table{font-size:7.4pt}th,td{padding:.25rem .3rem}tbody th[scope=row]{min-width:7rem}
        table.main,table.paper{font-size:6.6pt}.main th,.main td,.paper th,.paper td{padding-inline:.14rem}
        .main tbody th[scope=row],.paper tbody th[scope=row]{min-width:4.6rem}
        \(manyArms)tr,figure,.warnings{break-inside:avoid}thead{display:table-header-group}
        .gallery{grid-template-columns:repeat(auto-fill,minmax(7rem,1fr));gap:.6rem}
        details::details-content{content-visibility:visible;block-size:auto}
        .numbers{display:none}
        pre{white-space:pre-wrap;overflow:visible;columns:2}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        }

        """

    /// Tables with a column for each arm, of six arms or more: heads stand upright, so that paper holds them.
    private static let manyArms = """
        .list:has(th:nth-child(11)) thead th,table:has(.weight:nth-child(11)) thead .weight{writing-mode:vertical-rl;
        text-align:right}
        table:has(.weight:nth-child(11)){font-size:6.8pt}
        table:has(.weight:nth-child(11)) .weight{min-width:0;padding-inline:.1rem}
        table:has(.weight:nth-child(11)) .bar{display:none}
        table:has(.weight:nth-child(11)) tbody .weight span{white-space:normal}
        table:has(.weight:nth-child(11)) tbody th[scope=row]{min-width:4rem}

        """
}
