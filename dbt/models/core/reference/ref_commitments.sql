-- One row per commitment of the agreement’s annex. Shipped rows with the installation’s own.
{{ merge_installation('commitments', ['commitment_id']) }}
