-- One batch of buildings: check, compare, write. {seen} lists the codes of the file so far, {job} is the job's id.

-- step: check
update stage_building s
set reason = 'grid ' || left(s.code, 14) || ' is not known: import its area first'
where reason is null and not exists (select from area a where a.code = left(s.code, 14));

update stage_building s
set reason = 'the code has ended (' || e.kind || ') and is never used again'
from code_event e
where s.reason is null and e.code = s.code and e.kind <> 'minted';

update stage_building s
set reason = 'the building is new and the file gives it no outline'
where reason is null and geom is null and not exists (select from building b where b.code = s.code);

insert into {seen} (code, row)
select code, min(row) from stage_building where reason is null group by code
on conflict do nothing;

update stage_building s
set reason = 'the code stands in row ' || e.row || ' already'
from {seen} e
where s.reason is null and e.code = s.code and e.row <> s.row;

-- step: change
update building b
set name_zh = coalesce(s.name_zh, b.name_zh),
    name_en = coalesce(s.name_en, b.name_en),
    address_zh = coalesce(s.address_zh, b.address_zh),
    address_en = coalesce(s.address_en, b.address_en),
    kind = coalesce(s.kind, b.kind),
    levels = coalesce(s.levels, b.levels),
    height_m = coalesce(s.height_m, b.height_m),
    built_year = coalesce(s.built_year, b.built_year),
    geom = case when s.geom is null or s.square then b.geom else s.geom end
from stage_building s
where b.code = s.code and s.reason is null
  and (s.name_zh <> b.name_zh or s.name_en <> b.name_en or s.address_zh <> b.address_zh or s.address_en <> b.address_en
    or s.kind <> b.kind
    or s.levels is not null and s.levels is distinct from b.levels
    or s.height_m is not null and s.height_m is distinct from b.height_m
    or s.built_year is not null and s.built_year is distinct from b.built_year
    or s.geom is not null and not s.square and not (s.geom = b.geom));

-- step: add
with added as (
  insert into building (code, name_zh, name_en, address_zh, address_en, kind, levels, height_m, built_year, geom)
  select code, coalesce(name_zh, ''), coalesce(name_en, ''), coalesce(address_zh, ''), coalesce(address_en, ''),
         coalesce(kind, 'other'), levels, height_m, built_year, geom
  from stage_building s
  where reason is null and not exists (select from building b where b.code = s.code)
  returning id, code
)
insert into building_state (building_id, code) select id, code from added;
