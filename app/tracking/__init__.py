"""What happens after the report: tickets, calendar, and the look at open actions."""
