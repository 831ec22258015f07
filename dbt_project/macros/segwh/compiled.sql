{#- segwh: written by `segwh compile`, which overwrites it.

What `segwh compile` wrote: model -> digest of its text, and in which dialect. A run refuses models that are others. Where it
conflicts in a merge, compile the merged rules. -#}

{%- macro segwh__digests() -%}
  {%- do return({
    'aud_cart_abandoned': 'c4d995fa7c16',
    'aud_chinese_tea_winback__letter': '974e5e875e02',
    'aud_chinese_tea_winback__voucher': '490808ca1f17',
    'aud_high_value': 'c7353f04c6c9',
    'aud_sim_leads_90d': '30213ab50b74',
    'segwh_customer_changes': 'fcb59d87d163',
    'segwh_customer_checks': 'db11805e28c1',
    'segwh_customer_evaluated': 'bd20806e5438',
    'segwh_customer_evaluation': '84f7600d3a34',
    'segwh_customer_facts': '99da9a01a16a',
    'segwh_customer_history': 'dec66d9cfffd',
    'segwh_customer_log': 'daa235195a51',
    'segwh_customer_membership': '81d23c34a19a',
    'segwh_customer_pending': '9bf10a7fd6fc',
    'segwh_customer_standing': 'd53c943a22ee',
    'segwh_customer_state': '393307f605ff',
    'segwh_customer_traits': '2c918d5cac7c',
    'segwh_customer_wide': '460b0415b7bd',
    'segwh_lead_by_phone_changes': '6a9e20fd482e',
    'segwh_lead_by_phone_evaluated': '7cf10a9852c0',
    'segwh_lead_by_phone_evaluation': '6afc50553d1f',
    'segwh_lead_by_phone_history': 'cdeb122cd5be',
    'segwh_lead_by_phone_log': 'bbf718079212',
    'segwh_lead_by_phone_membership': '812f0a769ef6',
    'segwh_lead_by_phone_pending': '89c1ee0327b1',
    'segwh_lead_by_phone_standing': '4919ac39cb51',
    'segwh_lead_by_phone_state': 'bf065c59377d',
    'segwh_lead_changes': 'c79c203b91bf',
    'segwh_lead_checks': 'b6c3b4fae63b',
    'segwh_lead_evaluated': 'cbfb38ebc49b',
    'segwh_lead_evaluation': '749dc6ae2676',
    'segwh_lead_facts': 'b5c8ef8c471d',
    'segwh_lead_history': 'c19d8ae02e62',
    'segwh_lead_log': '5cce0bc7a3dd',
    'segwh_lead_membership': '915ea90fab2c',
    'segwh_lead_pending': 'aca3e5e661a1',
    'segwh_lead_standing': '2683c12bc469',
    'segwh_lead_state': 'df62ad8d7976',
    'segwh_lead_traits': '9bbe287b2975',
    'segwh_rules': 'a4832d9f9b14',
    'segwh_run_ends': 'e910947e4830',
    'segwh_run_starts': '6d4f885e1da9',
    'segwh_runs': 'eda8beda1a25',
    'segwh_segment_sizes': '8bbb83f25664',
    'segwh_segments': 'fb77a30accfa',
  }) -%}
{%- endmacro -%}

{%- macro segwh__dialect() -%}
  {%- do return('duckdb') -%}
{%- endmacro -%}
