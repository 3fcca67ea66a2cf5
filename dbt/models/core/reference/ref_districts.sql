-- One row per city district (stadsdelsområde). Shipped rows with the installation’s own.
{{ merge_installation('districts', ['municipality_code', 'district_code']) }}
