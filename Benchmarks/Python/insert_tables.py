"""Puts measured tables into a page, between the comments that name them.

python insert_tables.py PAGE.md FOLDER: FOLDER/network.md goes between `<!-- network -->` and `<!-- end of network -->`.
"""

import pathlib
import re
import sys

page = pathlib.Path(sys.argv[1])
text = page.read_text()
for table in sorted(pathlib.Path(sys.argv[2]).glob("*.md")):
    name = table.stem
    block = f"<!-- {name} -->\n{table.read_text().strip()}\n<!-- end of {name} -->"
    text, count = re.subn(f"<!-- {name} -->.*?<!-- end of {name} -->", lambda _: block, text, flags=re.DOTALL)
    if count != 1:
        sys.exit(f"{page} has no place for {name}")
page.write_text(text)
