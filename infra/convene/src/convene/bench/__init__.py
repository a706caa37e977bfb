"""Measuring: the rows of docs/performance.md, each several times and in turn, as a table, a report and pictures.

Needs the development environment: filling a database takes the services' own builders of documents.
"""
