-- Tables as contract version 1 left them: five runs, one of them a correction, the last one killed after the append of one grain.
-- Written by version 0.1.0; never edited, so that every later version is held to bring them along.

create table segwh_run_starts (
  run_id varchar,
  as_of timestamp with time zone,
  as_of_text varchar,
  started_at timestamp with time zone,
  package_version varchar,
  contract_version bigint
);
insert into segwh_run_starts values
  ('run0001', '2026-02-01 00:00:00+00', '2026-02-01 00:00:00+00', '2030-01-01 00:01:00+00', '0.1.0', 1),
  ('run0002', '2026-02-02 00:00:00+00', '2026-02-02 00:00:00+00', '2030-01-01 00:02:00+00', '0.1.0', 1),
  ('run0003', '2026-02-02 00:00:00+00', '2026-02-02 00:00:00+00', '2030-01-01 00:03:00+00', '0.1.0', 1),
  ('run0004', '2026-02-03 00:00:00+00', '2026-02-03 00:00:00+00', '2030-01-01 00:04:00+00', '0.1.0', 1),
  ('run0005', '2026-02-04 00:00:00+00', '2026-02-04 00:00:00+00', '2030-01-01 00:05:00+00', '0.1.0', 1);

create table segwh_run_ends (
  run_id varchar,
  status varchar,
  finished_at timestamp with time zone,
  segments bigint,
  entered bigint,
  exited bigint,
  held_back bigint
);
insert into segwh_run_ends values
  ('run0001', 'finished', '2026-11-21 20:36:25+00', 4, 6, 0, 0),
  ('run0002', 'finished', '2026-11-21 20:36:26+00', 4, 2, 1, 0),
  ('run0003', 'finished', '2026-11-21 20:36:27+00', 4, 2, 0, 0),
  ('run0004', 'finished', '2026-11-21 20:36:28+00', 4, 2, 5, 0);

create table segwh_customer_log (
  change_id varchar,
  segment varchar,
  customer_id varchar,
  change varchar,
  changed_at timestamp with time zone,
  reason varchar,
  rule_hash varchar,
  run_id varchar,
  sequence bigint,
  status varchar,
  computed_hash varchar,
  correction bigint,
  first_evaluated_at timestamp with time zone,
  members bigint,
  entered bigint,
  exited bigint,
  left_out bigint,
  population bigint
);
insert into segwh_customer_log values
  ('7aeb2ccf98a0486e76e1582fc482f7f2', 'founders', 'ann', 'entered', '2026-02-01 00:00:00+00', 'first_run', '5b1b41c848e212857bacda4988ea53cb', 'run0001', 1, 'live', '5b1b41c848e212857bacda4988ea53cb', 0, null, null, null, null, null, null),
  ('f4f198e08ababc5f8e8402192bfa433c', 'founders', 'bob', 'entered', '2026-02-01 00:00:00+00', 'first_run', '5b1b41c848e212857bacda4988ea53cb', 'run0001', 2, 'live', '5b1b41c848e212857bacda4988ea53cb', 0, null, null, null, null, null, null),
  ('b02408ec8c772095c16f55c6a6aed709', 'rich', 'ann', 'entered', '2026-02-01 00:00:00+00', 'first_run', 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0001', 3, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 0, null, null, null, null, null, null),
  ('c6298b1db34e993e0ebcbe99f5d1fe71', 'rich', 'bob', 'entered', '2026-02-01 00:00:00+00', 'first_run', 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0001', 4, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 0, null, null, null, null, null, null),
  ('33d036de433ec2847b640e18e708c0d5', 'unsubscribed', 'dee', 'entered', '2026-02-01 00:00:00+00', 'first_run', 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 'run0001', 5, 'live', 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 0, null, null, null, null, null, null),
  ('c0960829e8b2bb3504ffca37baabe4ce', 'founders', null, 'evaluated', '2026-02-01 00:00:00+00', null, '5b1b41c848e212857bacda4988ea53cb', 'run0001', 6, 'live', '5b1b41c848e212857bacda4988ea53cb', 0, '2026-02-01 00:00:00+00', 2, 2, 0, 0, 5),
  ('12f6eb240aca61dcd7111cfb613a71e3', 'rich', null, 'evaluated', '2026-02-01 00:00:00+00', null, 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0001', 7, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 0, '2026-02-01 00:00:00+00', 2, 2, 0, 0, 5),
  ('6d22c87b8e7978f44aa124f7f1593eb9', 'unsubscribed', null, 'evaluated', '2026-02-01 00:00:00+00', null, 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 'run0001', 8, 'live', 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 0, '2026-02-01 00:00:00+00', 1, 1, 0, 0, 5),
  ('4a120e2560e3b6fd0dd318980772d6b9', 'rich', 'bob', 'exited', '2026-02-02 00:00:00+00', 'rule', 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0002', 9, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 0, null, null, null, null, null, null),
  ('f1e87b833099ede62d7a7f14b5548e33', 'rich', 'cem', 'entered', '2026-02-02 00:00:00+00', 'rule', 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0002', 10, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 0, null, null, null, null, null, null),
  ('8a21e425d1efdb04c812d41f72a64d75', 'founders', null, 'evaluated', '2026-02-02 00:00:00+00', null, '5b1b41c848e212857bacda4988ea53cb', 'run0002', 11, 'static', '5b1b41c848e212857bacda4988ea53cb', 0, '2026-02-01 00:00:00+00', 2, 0, 0, 0, 5),
  ('555a663a5eb44fa55762fac658731afb', 'rich', null, 'evaluated', '2026-02-02 00:00:00+00', null, 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0002', 12, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 0, '2026-02-01 00:00:00+00', 2, 1, 1, 0, 5),
  ('225ca29bf05c33a9c5eae5fc92fc491c', 'unsubscribed', null, 'evaluated', '2026-02-02 00:00:00+00', null, 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 'run0002', 13, 'live', 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 0, '2026-02-01 00:00:00+00', 1, 0, 0, 0, 5),
  ('1ab317f2ae3e07ededcd947f7f467ea5', 'rich', 'bob', 'entered', '2026-02-02 00:00:00+00', 'rule', 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0003', 14, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 1, null, null, null, null, null, null),
  ('bdef20bae13cd2cca34ff5bfaac4470b', 'rich', 'eve', 'entered', '2026-02-02 00:00:00+00', 'rule', 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0003', 15, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 1, null, null, null, null, null, null),
  ('ded7dca901e1830efed9c14dd127d4bd', 'rich', null, 'evaluated', '2026-02-02 00:00:00+00', null, 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0003', 16, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 1, '2026-02-01 00:00:00+00', 4, 2, 0, 0, 5),
  ('d0b91537db177e72de4207b0dfbfdae5', 'founders', 'ann', 'exited', '2026-02-03 00:00:00+00', 'suppressed', '5b1b41c848e212857bacda4988ea53cb', 'run0004', 17, 'static', '5b1b41c848e212857bacda4988ea53cb', 0, null, null, null, null, null, null),
  ('34d5c4905669e28654d7a66732c9acda', 'rich', 'ann', 'exited', '2026-02-03 00:00:00+00', 'suppressed', 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0004', 18, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 0, null, null, null, null, null, null),
  ('b346ef24b60e3ffdd14509c602739896', 'rich', 'cem', 'exited', '2026-02-03 00:00:00+00', 'gone', 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0004', 19, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 0, null, null, null, null, null, null),
  ('81344af79109b0a77a609ea2e81bc8fd', 'unsubscribed', 'ann', 'entered', '2026-02-03 00:00:00+00', 'rule', 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 'run0004', 20, 'live', 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 0, null, null, null, null, null, null),
  ('9891cbb2ea2b8abd214d12a1f1697398', 'founders', null, 'evaluated', '2026-02-03 00:00:00+00', null, '5b1b41c848e212857bacda4988ea53cb', 'run0004', 21, 'static', '5b1b41c848e212857bacda4988ea53cb', 0, '2026-02-01 00:00:00+00', 1, 0, 1, 0, 4),
  ('6e43edc9ae43c9fe3ab095ad97f9630d', 'rich', null, 'evaluated', '2026-02-03 00:00:00+00', null, 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0004', 22, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 0, '2026-02-01 00:00:00+00', 2, 0, 2, 0, 4),
  ('fd1c7b5025aa9786172260bc6f83bbb8', 'unsubscribed', null, 'evaluated', '2026-02-03 00:00:00+00', null, 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 'run0004', 23, 'live', 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 0, '2026-02-01 00:00:00+00', 2, 1, 0, 0, 4),
  ('3327f3777144a7471714dc27f9bb66fe', 'founders', null, 'evaluated', '2026-02-04 00:00:00+00', null, '5b1b41c848e212857bacda4988ea53cb', 'run0005', 24, 'static', '5b1b41c848e212857bacda4988ea53cb', 0, '2026-02-01 00:00:00+00', 1, 0, 0, 0, 4),
  ('f2f60213da7db2804960b3c3683a84e7', 'rich', null, 'evaluated', '2026-02-04 00:00:00+00', null, 'c375cd860a7e4cfb7d2e7f9516d4d275', 'run0005', 25, 'live', 'c375cd860a7e4cfb7d2e7f9516d4d275', 0, '2026-02-01 00:00:00+00', 2, 0, 0, 0, 4),
  ('f1519cad2b0e3cbf8ead9e12396b6435', 'unsubscribed', null, 'evaluated', '2026-02-04 00:00:00+00', null, 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 'run0005', 26, 'live', 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 0, '2026-02-01 00:00:00+00', 2, 0, 0, 0, 4);

create table segwh_customer_state (
  kind varchar,
  segment varchar,
  customer_id varchar,
  is_member boolean,
  entered_at timestamp with time zone,
  changed_at timestamp with time zone,
  sequence bigint,
  computed_hash varchar,
  status varchar,
  first_evaluated_at timestamp with time zone,
  correction bigint
);
insert into segwh_customer_state values
  ('member', 'founders', 'ann', false, '2026-02-01 00:00:00+00', '2026-02-03 00:00:00+00', 23, null, null, null, null),
  ('member', 'founders', 'bob', true, '2026-02-01 00:00:00+00', '2026-02-01 00:00:00+00', 8, null, null, null, null),
  ('member', 'rich', 'ann', false, '2026-02-01 00:00:00+00', '2026-02-03 00:00:00+00', 23, null, null, null, null),
  ('member', 'rich', 'bob', true, '2026-02-01 00:00:00+00', '2026-02-01 00:00:00+00', 16, null, null, null, null),
  ('member', 'rich', 'cem', false, '2026-02-02 00:00:00+00', '2026-02-03 00:00:00+00', 23, null, null, null, null),
  ('member', 'rich', 'eve', true, '2026-02-02 00:00:00+00', '2026-02-02 00:00:00+00', 16, null, null, null, null),
  ('member', 'unsubscribed', 'ann', true, '2026-02-03 00:00:00+00', '2026-02-03 00:00:00+00', 23, null, null, null, null),
  ('member', 'unsubscribed', 'dee', true, '2026-02-01 00:00:00+00', '2026-02-01 00:00:00+00', 8, null, null, null, null),
  ('segment', 'founders', null, false, null, '2026-02-03 00:00:00+00', 21, '5b1b41c848e212857bacda4988ea53cb', 'static', '2026-02-01 00:00:00+00', 0),
  ('segment', 'rich', null, false, null, '2026-02-03 00:00:00+00', 22, 'c375cd860a7e4cfb7d2e7f9516d4d275', 'live', '2026-02-01 00:00:00+00', 0),
  ('segment', 'unsubscribed', null, false, null, '2026-02-03 00:00:00+00', 23, 'bb8c312bf3cfa52eb6ffcc9e2e97903e', 'live', '2026-02-01 00:00:00+00', 0);

create table segwh_customer_by_phone_log (
  change_id varchar,
  segment varchar,
  phone varchar,
  change varchar,
  changed_at timestamp with time zone,
  reason varchar,
  rule_hash varchar,
  run_id varchar,
  sequence bigint,
  status varchar,
  computed_hash varchar,
  correction bigint,
  first_evaluated_at timestamp with time zone,
  members bigint,
  entered bigint,
  exited bigint,
  left_out bigint,
  population bigint
);
insert into segwh_customer_by_phone_log values
  ('6f29c32ddd5ecccc5e95ee8187434d74', 'rich_phones', '01', 'entered', '2026-02-01 00:00:00+00', 'first_run', 'e4869e2861a248a3c81e0c3020933c0e', 'run0001', 1, 'live', 'e4869e2861a248a3c81e0c3020933c0e', 0, null, null, null, null, null, null),
  ('b58c178a9fbf5b2e8d98f976a4f69849', 'rich_phones', null, 'evaluated', '2026-02-01 00:00:00+00', null, 'e4869e2861a248a3c81e0c3020933c0e', 'run0001', 2, 'live', 'e4869e2861a248a3c81e0c3020933c0e', 0, '2026-02-01 00:00:00+00', 1, 1, 0, 0, 3),
  ('95f26ad2eabcb6c3d679edadedab6115', 'rich_phones', '02', 'entered', '2026-02-02 00:00:00+00', 'rule', 'e4869e2861a248a3c81e0c3020933c0e', 'run0002', 3, 'live', 'e4869e2861a248a3c81e0c3020933c0e', 0, null, null, null, null, null, null),
  ('215fdcc8d62543b80f9aad73d24d15e2', 'rich_phones', null, 'evaluated', '2026-02-02 00:00:00+00', null, 'e4869e2861a248a3c81e0c3020933c0e', 'run0002', 4, 'live', 'e4869e2861a248a3c81e0c3020933c0e', 0, '2026-02-01 00:00:00+00', 2, 1, 0, 0, 3),
  ('e20d297fbcfb5d0bc2779c85eb4068fb', 'rich_phones', '0''4', 'entered', '2026-02-03 00:00:00+00', 'rule', 'e4869e2861a248a3c81e0c3020933c0e', 'run0004', 5, 'live', 'e4869e2861a248a3c81e0c3020933c0e', 0, null, null, null, null, null, null),
  ('6b250e3185e49bdfc225b48a42212638', 'rich_phones', '01', 'exited', '2026-02-03 00:00:00+00', 'suppressed', 'e4869e2861a248a3c81e0c3020933c0e', 'run0004', 6, 'live', 'e4869e2861a248a3c81e0c3020933c0e', 0, null, null, null, null, null, null),
  ('aa87f2f43131a35ba6494dd763341eba', 'rich_phones', '02', 'exited', '2026-02-03 00:00:00+00', 'gone', 'e4869e2861a248a3c81e0c3020933c0e', 'run0004', 7, 'live', 'e4869e2861a248a3c81e0c3020933c0e', 0, null, null, null, null, null, null),
  ('4fbd5aac139ad96389616595372775b6', 'rich_phones', null, 'evaluated', '2026-02-03 00:00:00+00', null, 'e4869e2861a248a3c81e0c3020933c0e', 'run0004', 8, 'live', 'e4869e2861a248a3c81e0c3020933c0e', 0, '2026-02-01 00:00:00+00', 1, 1, 2, 0, 3);

create table segwh_customer_by_phone_state (
  kind varchar,
  segment varchar,
  phone varchar,
  is_member boolean,
  entered_at timestamp with time zone,
  changed_at timestamp with time zone,
  sequence bigint,
  computed_hash varchar,
  status varchar,
  first_evaluated_at timestamp with time zone,
  correction bigint
);
insert into segwh_customer_by_phone_state values
  ('member', 'rich_phones', '0''4', true, '2026-02-03 00:00:00+00', '2026-02-03 00:00:00+00', 8, null, null, null, null),
  ('member', 'rich_phones', '01', false, '2026-02-01 00:00:00+00', '2026-02-03 00:00:00+00', 8, null, null, null, null),
  ('member', 'rich_phones', '02', false, '2026-02-02 00:00:00+00', '2026-02-03 00:00:00+00', 8, null, null, null, null),
  ('segment', 'rich_phones', null, false, null, '2026-02-03 00:00:00+00', 8, 'e4869e2861a248a3c81e0c3020933c0e', 'live', '2026-02-01 00:00:00+00', 0);
