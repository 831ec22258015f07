{#
  The shop makes up its own data from whole-number arithmetic alone: no clock, no random(), no hash of one engine.
  The same rows come out on every warehouse, with any number of threads.
#}

{# A well-mixed whole number below 2^31 from a whole-number expression and a salt: spread, square, spread, square, with the
   remainder by another prime each time. Squaring is what makes two salts independent; no product reaches 2^63. #}
{% macro mixed(expression, salt) -%}
{%- set spread = "mod(mod(" ~ expression ~ ", 2147483647) * 1597334677 + " ~ (salt * 7368787 + 1) ~ ", 2147483647)" -%}
{%- set spread_again = "mod(mod(" ~ spread ~ " * " ~ spread ~ ", 2147483629) * 1812433253 + " ~ (salt * 60013) ~ ", 2147483587)" -%}
mod({{ spread_again }} * {{ spread_again }}, 2147483563)
{%- endmacro %}

{# A die: 0 to sides - 1, evenly. `sides` may be an expression. #}
{% macro roll(expression, salt, sides) -%}
mod({{ mixed(expression, salt) }}, {{ sides }})
{%- endmacro %}

{# Whole-number division of numbers that are not negative; engines disagree about `/`. #}
{% macro whole(numerator, denominator) -%}
cast((({{ numerator }}) - mod({{ numerator }}, {{ denominator }})) / ({{ denominator }}) as {{ dbt.type_bigint() }})
{%- endmacro %}

{# A relation `(n)` of the whole numbers 1 to `last`, from digits, so that every engine can do it. #}
{% macro numbers(last) -%}
{%- set places = (last | string) | length -%}
(
    select n from (
        select cast(1{% for place in range(places) %} + d{{ place }}.digit * {{ 10 ** place }}{% endfor %} as {{ dbt.type_bigint() }}) as n
        from {% for place in range(places) -%}
        {{ "cross join " if not loop.first }}(select 0 as digit{% for digit in range(1, 10) %} union all select {{ digit }}{% endfor %}) as d{{ place }}
        {% endfor %}
    ) as counted
    where n <= {{ last }}
)
{%- endmacro %}

{# The instant that lies `seconds` after the first second of the shop's first day. #}
{% macro moment(seconds) -%}
{{ dbt.dateadd('second', seconds, "cast('2024-11-01 00:00:00' as timestamp)") }}
{%- endmacro %}

{# Days from the shop's first day to the end of its last, 2026-11-15. #}
{% macro shop_days() -%}745{%- endmacro %}

{# A time of day in seconds: few orders at night, most in the afternoon. #}
{% macro shopping_hour(expression, salt) -%}
(case when {{ roll(expression, salt, 100) }} < 3 then {{ roll(expression, salt + 1, 6) }} else 6 + {{ roll(expression, salt + 2, 9) }} + {{ roll(expression, salt + 3, 10) }} end * 3600 + {{ roll(expression, salt + 4, 3600) }})
{%- endmacro %}

{# Pence as an exact amount of pounds. #}
{% macro pounds(pence) -%}
cast(cast({{ pence }} as decimal(14, 2)) / 100 as decimal(14, 2))
{%- endmacro %}

{# Six digits with leading zeros. #}
{% macro six_digits(expression) -%}
right({{ dbt.concat(["'000000'", "cast(" ~ expression ~ " as " ~ dbt.type_string() ~ ")"]) }}, 6)
{%- endmacro %}

{# One of a few words, evenly. A word is a SQL expression. #}
{% macro one_of(expression, salt, words) -%}
case {{ roll(expression, salt, words | length) }}{% for word in words %} when {{ loop.index0 }} then {{ word }}{% endfor %} end
{%- endmacro %}

{# A list of text; the words are literals. #}
{% macro text_list(words) -%}
{{ return(adapter.dispatch('text_list')(words)) }}
{%- endmacro %}

{% macro default__text_list(words) -%}
{% if words %}array[{% for word in words %}'{{ word }}'{{ ", " if not loop.last }}{% endfor %}]{% else %}cast(array[] as {{ dbt.type_string() }}[]){% endif %}
{%- endmacro %}

{% macro spark__text_list(words) -%}
{% if words %}array({% for word in words %}'{{ word }}'{{ ", " if not loop.last }}{% endfor %}){% else %}cast(array() as array<string>){% endif %}
{%- endmacro %}

{% macro bigquery__text_list(words) -%}
{% if words %}[{% for word in words %}'{{ word }}'{{ ", " if not loop.last }}{% endfor %}]{% else %}cast([] as array<string>){% endif %}
{%- endmacro %}

{% macro clickhouse__text_list(words) -%}
{% if words %}[{% for word in words %}'{{ word }}'{{ ", " if not loop.last }}{% endfor %}]{% else %}cast([] as Array(String)){% endif %}
{%- endmacro %}

{# A type for days long ago: ClickHouse's usual one begins in 1970. #}
{% macro birthday_type() -%}
{{ return(adapter.dispatch('birthday_type')()) }}
{%- endmacro %}

{% macro default__birthday_type() -%}date{%- endmacro %}

{% macro clickhouse__birthday_type() -%}Date32{%- endmacro %}
