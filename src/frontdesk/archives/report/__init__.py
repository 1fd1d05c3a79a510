"""Figures over an export: what happened, against the period before, by readable SQL."""

from frontdesk.extras import importing_extra

with importing_extra("report", "frontdesk.archives.report"):
    from frontdesk.archives.report.assumptions import ASSUMPTIONS, Assumption
    from frontdesk.archives.report.figures import Figure, Report
    from frontdesk.archives.report.page import html_page
    from frontdesk.archives.report.period import Period
    from frontdesk.archives.report.queries import Query, load_queries, write_queries
    from frontdesk.archives.report.reports import report_on

__all__ = [
    "ASSUMPTIONS",
    "Assumption",
    "Figure",
    "Period",
    "Query",
    "Report",
    "html_page",
    "load_queries",
    "report_on",
    "write_queries",
]
