{#- segwh: written by `segwh compile`, which overwrites it.

What `segwh compile` wrote: model -> digest of its text, and in which dialect. A run refuses models that are others. Where it
conflicts in a merge, compile the merged rules. -#}

{%- macro segwh__digests() -%}
  {%- do return({
    'aud_cart_abandoned': '2c82f4e61baa',
    'aud_chinese_tea_winback__letter': 'a68c0a251b30',
    'aud_chinese_tea_winback__voucher': '2dbccf82d847',
    'aud_high_value': '18cbfcd00c15',
    'aud_sim_leads_90d': 'fe34a78684b1',
    'segwh_customer_changes': '5b50e8b8c62f',
    'segwh_customer_checks': '185139952fab',
    'segwh_customer_evaluated': '10bd25537900',
    'segwh_customer_evaluation': '5972e1dd7d5e',
    'segwh_customer_facts': '028d9453c3ff',
    'segwh_customer_history': '4f7dda6ba75b',
    'segwh_customer_log': 'e4fe4aefff35',
    'segwh_customer_membership': '3a4d56eb5d60',
    'segwh_customer_pending': '4bf3d91720b6',
    'segwh_customer_standing': 'b338955cda2b',
    'segwh_customer_state': '17ecd68f9b72',
    'segwh_customer_traits': '30a9cc24f033',
    'segwh_customer_wide': '6b6f65048fa9',
    'segwh_lead_by_phone_changes': 'e655d2a2b50f',
    'segwh_lead_by_phone_evaluated': '3a9c96cabf5c',
    'segwh_lead_by_phone_evaluation': 'e8556c9398b4',
    'segwh_lead_by_phone_history': 'f4d304e45f9e',
    'segwh_lead_by_phone_log': 'ee825c68cf36',
    'segwh_lead_by_phone_membership': 'd2475164572e',
    'segwh_lead_by_phone_pending': '6d879dcc4593',
    'segwh_lead_by_phone_standing': 'eb32f219c12d',
    'segwh_lead_by_phone_state': '6f48a5d1c06f',
    'segwh_lead_changes': '70c054aaaa22',
    'segwh_lead_checks': '2f0958c334e9',
    'segwh_lead_evaluated': '43678ef6fcef',
    'segwh_lead_evaluation': '35fd103c77b9',
    'segwh_lead_facts': '4dac0e99d86a',
    'segwh_lead_history': 'a9a7bff8bb52',
    'segwh_lead_log': '0065b2a9c790',
    'segwh_lead_membership': 'af451bd9fb80',
    'segwh_lead_pending': 'b667d2541efb',
    'segwh_lead_standing': '8aae6da4e68a',
    'segwh_lead_state': '6610ade5b950',
    'segwh_lead_traits': 'b0bc643783c9',
    'segwh_rules': '8627f6bf2937',
    'segwh_run_ends': '88c4f7fc193d',
    'segwh_run_starts': '95b4cc2d05ca',
    'segwh_runs': '8eeea6a72189',
    'segwh_segment_sizes': '20c48fd8fa6b',
    'segwh_segments': 'fd3bb20a3720',
  }) -%}
{%- endmacro -%}

{%- macro segwh__dialect() -%}
  {%- do return('duckdb') -%}
{%- endmacro -%}
