-- One row per date that is no weekday (helgfri vardag) though it may fall on Monday to Friday. Shipped rows with the
-- installation’s own.
{{ merge_installation('non_working_days', ['date_on']) }}
