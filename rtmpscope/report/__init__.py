"""Reports: the analysis on a terminal, as JSON, HTML and Markdown."""
