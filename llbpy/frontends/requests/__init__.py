"""What tools ask of a build file without building it: subrequests, by the option `requestid`.

    answer.py       which requests there are, and the way in
    available.py    what an answer is made from
    describe.py outline.py targets.py lint.py convertllb.py    one request each
    places.py       locations and files as results have them
    failures.py     an error's place in the file
    messages.py     decoded messages as Go writes them in JSON
    results.py      the metadata of a result: JSON as Go writes it, and text
    tables.py       text in columns, as Go's text/tabwriter aligns it
    excerpts.py     lines of a file around what is meant, as buildctl and buildx print them

buildx prints `result.txt` only for versions that it does not know, and renders `result.json` itself otherwise; for lint with a
printer that ends on a location without ranges' ends, and on an error without a source. So the two agree, and the JSON is complete.
"""
