"""The results of one round as files that an office can send: workbook, report, annexes, tables for machines, badges."""
