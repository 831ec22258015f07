-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file.
{{ config(
    materialized='table',
    contract={'enforced': false},
    tags=['segwh']
) }}
-- depends_on: {{ ref('segwh_run_starts') }}
{%- set run = segwh__run('Europe/London', none) -%}
{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}

{%- if segwh__reads_part() and segwh__existing('segwh_lead_checks') %}
select * from {{ this }}
{%- else %}
SELECT
  misfits.subject,
  misfits.problem
FROM {{ segwh__misfit_rows([[ref('leads'), 'ref(\'leads\')', [['created_at', 'timestamp', 'lead'], ['phone', 'string', 'lead: phone'], ['product', 'string', 'lead: product'], ['source', 'string', 'lead: source'], ['status', 'string', 'lead: status'], ['score', 'integer', 'lead: score'], ['budget', 'number', 'lead: budget']], ''], [ref('lead_touches'), 'ref(\'lead_touches\')', [['lead_id', 'string', 'touches'], ['touched_at', 'timestamp', 'touches'], ['kind', 'string', 'touches: kind'], ['outcome', 'string', 'touches: outcome']], '']]) }} AS misfits
{%- endif %}
