-- One row per condition of payment responsibility. Shipped rows with the installation’s own.
{{ merge_installation('conditions', ['reason_code']) }}
