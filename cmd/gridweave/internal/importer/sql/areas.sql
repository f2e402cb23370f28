-- A file of areas as a whole. {change} is the id of the area_change that ends the outlines that are replaced.

-- step: translate
update stage_area s
set code = c.code, name_zh = coalesce(s.name_zh, nullif(c.name_zh, '')), name_en = coalesce(s.name_en, nullif(c.name_en, ''))
from crosswalk c
where c.system = 'statistics' and c.foreign_code = s.foreign_code;

-- The six digits of a district are the national standard's (GB/T 2260) in both families.
update stage_area set code = foreign_code where code is null and length(foreign_code) in (4, 6);

update stage_area
set reason = 'statistics code ' || foreign_code || ' is not in the crosswalk: load its translation with "import crosswalk"'
where reason is null and code is null;

-- step: check
update stage_area s set reason = 'the area is new and the file gives it no outline'
where reason is null and geom is null and not exists (select from area a where a.code = s.code);

update stage_area s set name_zh = right(code, 2) || '网格', name_en = coalesce(name_en, 'Grid ' || right(code, 2))
where reason is null and name_zh is null and length(code) = 14 and not exists (select from area a where a.code = s.code);

update stage_area s set reason = 'the area is new and the file gives it no name: name its property with --map name=PROPERTY'
where reason is null and name_zh is null and not exists (select from area a where a.code = s.code);

update stage_area s set reason = 'the code stands in row ' || f.row || ' already'
from (select code, min(row) as row from stage_area where reason is null group by code) f
where s.reason is null and f.code = s.code and f.row <> s.row;

-- From the streets down, so that what lies in a refused area is refused as well.
update stage_area s set reason = 'district ' || left(code, 6) || ' is not known: import its boundary first'
where reason is null and length(code) = 9 and not exists (select from area a where a.code = left(s.code, 6))
  and not exists (select from stage_area p where p.code = left(s.code, 6) and p.reason is null);

update stage_area s set reason = 'street ' || left(code, 9) || ' is not known: import it first'
where reason is null and length(code) = 12 and not exists (select from area a where a.code = left(s.code, 9))
  and not exists (select from stage_area p where p.code = left(s.code, 9) and p.reason is null);

update stage_area s set reason = 'community ' || left(code, 12) || ' is not known: import it first'
where reason is null and length(code) = 14 and not exists (select from area a where a.code = left(s.code, 12))
  and not exists (select from stage_area p where p.code = left(s.code, 12) and p.reason is null);

-- step: differ
-- What each row would change: 'outline' needs a new version, 'facts' only new facts.
create temporary table stage_change on commit drop as
select s.code,
       s.geom is not null and not (s.geom = a.geom) or s.name_zh <> a.name_zh or s.name_en <> a.name_en as outline
from stage_area s join area a on a.code = s.code
where s.reason is null
  and (s.geom is not null and not (s.geom = a.geom) or s.name_zh <> a.name_zh or s.name_en <> a.name_en
    or s.residents is not null and (s.residents is distinct from a.residents
      or s.residents_on is not null and s.residents_on::date is distinct from a.residents_on));

-- step: keep
insert into area_version (code, version, name_zh, name_en, valid_from, valid_to, ended_by, geom)
select a.code, a.version, a.name_zh, a.name_en, a.valid_from, now(), {change}, a.geom
from area a join stage_change c on c.code = a.code
where c.outline;

-- step: change
update area a
set name_zh = coalesce(s.name_zh, a.name_zh),
    name_en = coalesce(s.name_en, a.name_en),
    residents = coalesce(s.residents, a.residents),
    residents_on = case when s.residents is null then a.residents_on
      else coalesce(s.residents_on::date, case when s.residents = a.residents then a.residents_on end, current_date) end,
    geom = coalesce(s.geom, a.geom),
    version = a.version + c.outline::int,
    valid_from = case when c.outline then now() else a.valid_from end
from stage_area s join stage_change c on c.code = s.code
where a.code = s.code and s.reason is null;

-- step: add
insert into area (code, name_zh, name_en, residents, residents_on, geom)
select code, name_zh, coalesce(name_en, ''), residents,
       case when residents is not null then coalesce(residents_on::date, current_date) end, geom
from stage_area s
where reason is null and not exists (select from area a where a.code = s.code);
