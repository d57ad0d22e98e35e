#!/usr/bin/env python3
"""The same look in all formats: the numbers of text, CSV, JSON, HTML and PDF, compared cell by cell.

usage: formats.py FOLDER NAME   (NAME: closed-report or open-report; FOLDER/NAME.txt, .csv, .json, .html, .pdf)
JSON is compared with CSV fact by fact, the tables of HTML with the facts of CSV, the text report and the PDF (by
pdftotext) with the tables of HTML.  Exit 1 with what differs; prints how much was compared.
"""
import csv, html.parser, json, math, re, subprocess, sys

folder, name = sys.argv[1], sys.argv[2]
path = f"{folder}/{name}."
wrong = []


def differ(text):
    wrong.append(text)


def plain(s):
    return re.sub(r"\s+", " ", s.replace("\u00a0", " ")).strip()


# --- CSV and JSON: every fact ---
facts = list(csv.DictReader(open(path + "csv", encoding="utf-8", newline="")))
unguard = lambda s: s[1:] if re.match(r"'[=+\-@]", s) else s
facts = [{k: unguard(v) for k, v in f.items()} for f in facts]
tree = json.load(open(path + "json", encoding="utf-8"))["facts"]
if len(tree) != len(facts):
    differ(f"{len(facts)} facts in CSV, {len(tree)} in JSON")
for a, b in zip(facts, tree):
    for k in ("section", "item", "group", "statistic", "text"):
        if a[k] != b[k]:
            differ(f"{a['section']}/{a['item']}/{a['group']}/{a['statistic']}: {k} {a[k]!r} in CSV, {b[k]!r} in JSON")
    v = b["value"]
    same = a["value"] in ("", "NA", "Inf", "-Inf") if v is None else float(a["value"]) == float(v)
    if not same or isinstance(v, float) and not math.isfinite(v):
        differ(f"{a['section']}/{a['item']}/{a['statistic']}: {a['value']!r} in CSV, {v!r} in JSON")


# --- HTML: headings, tables, lists ---
class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.blocks, self.stack, self.text, self.heading = [], [], None, ""

    def handle_starttag(self, tag, attrs):
        if tag in ("caption", "th", "td", "h2", "dt", "dd"):
            self.text = ""
        elif tag == "table":
            self.blocks.append({"heading": self.heading, "caption": "", "rows": [], "kind": "table"})
        elif tag == "dl":
            self.blocks.append({"heading": self.heading, "caption": "", "rows": [], "kind": "list"})
        elif tag == "tr":
            self.blocks[-1]["rows"].append([])

    def handle_data(self, data):
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag):
        if tag not in ("caption", "th", "td", "h2", "dt", "dd") or self.text is None:
            return
        s, self.text = plain(self.text), None
        if tag == "h2":
            self.heading = s
        elif tag == "caption":
            self.blocks[-1]["caption"] = s
        elif tag == "dt":
            self.blocks[-1]["rows"].append([s])
        else:
            self.blocks[-1]["rows"][-1].append(s)


page = open(path + "html", encoding="utf-8").read()
reader = Reader()
reader.feed(page)
blocks = [b for b in reader.blocks if b["rows"]]

# --- HTML against CSV: which facts each table must hold, in order ---
MONTHS = [f"month_{m}" for m in (3, 6, 12, 18, 24, 36, 48, 60)]
EVENT = ["arm", "onset", "term", "coded_pt", "outcome", "form"]
LOOK = ["cut", "events", "statistic", "bound", "alpha_spent", "nominal_p", "e_value", "verdict"]
closed = name.startswith("closed")
TABLES = [  # heading, caption begins, section, statistics (one: groups are the columns), label columns
    ("Where each monitor stands", "", "monitors", ["standing", "experimental_events", "fraction_of_maximum", "alpha_spent", "e_value"], 1),
    ("Subjects", "", "disposition", ["subjects"], 1),
    ("Subjects with", "All events", "categories", ["subjects"], 1),
    ("Subjects with", "Treatment-emergent", "categories_treatment_emergent", ["subjects"], 1),
    ("Episodes", "Episodes", "categories", ["episodes"], 1),
    ("Episodes", "First events", "categories", ["rate_per_100py"], 1),
    ("Differences", "Risk difference", "comparisons", ["risk_difference", "risk_ratio", "fisher_one_sided", "fisher_two_sided"], 2),
    ("Differences", "Odds ratio", "comparisons", ["odds_ratio", "rate_ratio"], 2),
    ("Cumulative", "Percent", "incidence", MONTHS, 2),
    ("Cumulative", "Subjects still", "incidence_at_risk", ["month_0"] + MONTHS, 2),
    ("Terms", "", "terms", ["experimental", "control", "risk_difference", "risk_ratio", "fisher_two_sided", "fdr_adjusted"], 2),
    ("Deaths", "", "deaths", EVENT, 2),
    ("Serious", "", "serious_events", EVENT, 2),
    ("Events for", "", "review", EVENT, 2),
] if closed else [
    ("Subjects", "", "disposition", ["subjects"], 1),
    ("Adverse events", "", "categories", ["subjects", "episodes", "rate_per_100py"], 1),
    ("Cumulative", "Percent", "incidence", MONTHS, 1),
    ("Cumulative", "Subjects still", "incidence_at_risk", ["month_0"] + MONTHS, 1),
    ("Terms", "", "terms", ["subjects"], 1),
]
cells = 0


def expected(section, statistics):
    """Rows of texts: one statistic spreads over groups, several over the columns that any fact fills."""
    rows, columns = {}, []
    for f in facts:
        if f["section"] == section and f["statistic"] in statistics:
            row = f["item"] if len(statistics) == 1 else (f["item"], f["group"])
            column = f["group"] if len(statistics) == 1 else f["statistic"]
            rows.setdefault(row, {})[column] = plain(f["text"])
            if column not in columns:
                columns.append(column)
    if len(statistics) > 1:
        columns = [s for s in statistics if s in columns or section not in ("incidence", "incidence_at_risk")]
    return [[r.get(c, "") for c in columns] for r in rows.values()]


for heading, caption, section, statistics, labels in TABLES:
    want = expected(section, statistics)
    got = [b for b in blocks if b["kind"] == "table" and b["heading"].startswith(heading) and caption in b["caption"]]
    if not want:
        continue
    if not got:
        differ(f"no table of {section} under {heading!r} in HTML")
        continue
    groups = {f["group"] for f in facts if f["section"] == section and f["statistic"] in statistics}
    one = section in ("comparisons", "terms") and len(groups) == 1 and labels == 2
    if one and not got[0]["caption"].startswith(min(groups) + ". "):
        differ(f"{section}: the caption names no {groups}")
    rows = [r[labels - one:] for r in got[0]["rows"][1:]]
    cells += sum(map(len, want))
    if rows != want:
        for a, b in zip(rows, want):
            if a != b:
                differ(f"{section}: HTML has {a}, CSV {b}")
        if len(rows) != len(want):
            differ(f"{section}: {len(rows)} rows in HTML, {len(want)} in CSV")
if closed:  # the ledger: a table for each monitor, of the looks that the text shows
    looks = {}
    for f in facts:
        if f["section"] == "ledger" and f["statistic"] in LOOK:
            looks.setdefault((f["item"], f["group"]), {})[f["statistic"]] = plain(f["text"])
    titles = {f["item"]: f["text"] for f in facts if f["section"] == "monitors" and f["statistic"] == "title"}
    for item, title in titles.items():
        got = [b for b in blocks if b["heading"] == "Ledger of looks" and b["caption"] == plain(title)]
        if not got:
            differ(f"no ledger of {item} in HTML")
            continue
        for row in got[0]["rows"][1:]:
            want = [looks[(item, row[0])].get(s, "") for s in LOOK]
            cells += len(want)
            if row[1:] != want:
                differ(f"ledger of {item}, look {row[0]}: HTML has {row[1:]}, CSV {want}")
for b in blocks:
    if b["kind"] == "list":
        texts = {plain(f["text"]) for f in facts}
        for row in b["rows"]:
            cells += 1
            if row[1] not in texts:
                differ(f"list {row[0]!r}: {row[1]!r} is no fact")
# Figures: whatever number stands in the words of a description is a number of some fact.
for d in re.findall(r"<desc[^>]*>(.*?)</desc>", page, re.S):
    known = set(re.findall(r"\d+(?:\.\d+)?", " ".join(f["text"] + " " + f["group"] + " " + f["item"] + " " + f["statistic"] for f in facts)))
    for n in re.findall(r"\d+(?:\.\d+)?", plain(html.unescape(d))):
        cells += 1
        if n not in known and n not in ("95",):
            differ(f"a figure says {n}, which is no fact: {d[:60]!r}")

# --- text against HTML: the same cells in the same order ---
shown = [c for b in blocks for i, r in enumerate(b["rows"]) for c in r]
text = open(path + "txt", encoding="utf-8").read().split("\n")
got, i = [], 0
while i < len(text):
    line = text[i]
    spans = [m.span() for m in re.finditer(r"-+", line)] if re.fullmatch(r"-+(  -+)*", line) else []
    if len(spans) > 1 or (spans and i > 0 and text[i - 1].strip() and not text[i - 1].startswith("=")):
        starts = [a for a, _ in spans]
        take = lambda s: [plain(s[a:e]) for a, e in zip(starts, starts[1:] + [None])]
        got += take(text[i - 1])
        i += 1
        while i < len(text) and text[i].strip():
            got += take(text[i])
            i += 1
        continue
    i += 1
tables = [c for b in blocks if b["kind"] == "table" for r in b["rows"] for c in r]
# A long cell of the text report may go on in the next line: then cells are compared joined.
squash = lambda xs: re.sub(r"\s+", "", "".join(xs))
if got != tables:
    if squash(got) != squash(tables):
        for a, b in zip(got, tables):
            if a != b:
                differ(f"text has {a!r} where HTML has {b!r}")
                break
        if len(got) != len(tables):
            differ(f"{len(got)} cells in text, {len(tables)} in HTML")
flat = plain(" ".join(text))
for b in blocks:
    if b["kind"] == "list":
        for k, v in b["rows"]:
            if plain(f"{k} {v}") not in flat:
                differ(f"text lacks {k!r}: {v!r}")

# --- PDF against HTML: each row's cells follow each other, rows in order ---
raw = subprocess.run(["pdftotext", "-raw", "-enc", "UTF-8", path + "pdf", "-"], check=True, capture_output=True).stdout.decode()
stream = re.sub(r"\s+", "", raw.replace("\f", ""))
at = 0
for b in blocks:
    for row in b["rows"]:
        want = re.sub(r"\s+", "", "".join(row))
        found = stream.find(want, at)
        if want and found < 0:
            differ(f"PDF lacks, in its place, the row {row}")
        elif want:
            at = found + len(want)
pages = int(re.search(r"Pages:\s+(\d+)", subprocess.run(["pdfinfo", path + "pdf"], check=True, capture_output=True).stdout.decode())[1])
for n in range(1, pages + 1):
    if f"Page{n}of{pages}" not in stream:
        differ(f"PDF lacks 'Page {n} of {pages}'")
if closed and stream.count("CONFIDENTIAL,UNBLINDED") != pages:
    differ("the line of confidentiality is not on every page of the PDF")

for w in wrong[:20]:
    print(w)
print(f"{name}: {len(facts)} facts in CSV and JSON, {cells} cells of HTML against them, {len(got)} of text, {pages} pages of PDF: "
      + (f"{len(wrong)} differ" if wrong else "the same"))
sys.exit(1 if wrong else 0)
