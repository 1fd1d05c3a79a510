"""Figures over an export: what happened, against the period before, by readable SQL."""

from frontdesk.extras import importing_extra

with importing_extra("report", "frontdesk.archives.report"):
    from frontdesk.archives.report.assumptions import ASSUMPTIONS, Assumption
    from frontdesk.archives.report.figures import Figure, Report, extent_of, make_report
    from frontdesk.archives.report.period import Period, choose_period
    from frontdesk.archives.report.queries import Query, load_queries, write_queries

__all__ = [
    "ASSUMPTIONS",
    "Assumption",
    "Figure",
    "Period",
    "Query",
    "Report",
    "choose_period",
    "extent_of",
    "load_queries",
    "make_report",
    "write_queries",
]
