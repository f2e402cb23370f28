-- Search that forgives a typing error. Texts are looked up by their words, which are few: thirty thousand buildings
-- share some thousands of names of estates and roads, once the numbers are taken off. So the error is forgiven in a small
-- table of words, by trigrams, and the buildings are then fetched by equality, with their numbers.

-- +goose Up

-- Full-width forms and capitals are one with the usual ones.
create function search_fold(t text) returns text
  language sql immutable strict parallel safe
  return lower(normalize(t, NFKC));

-- A name without its numbers and signs: "水围村3巷12号" is "水围村 巷 号".
create function search_stem(t text) returns text
  language sql immutable strict parallel safe
  return btrim(regexp_replace(search_fold(t), '[[:digit:][:punct:][:space:]]+', ' ', 'g'));

-- The words that trigrams are made of. Chinese has no spaces: each character and each pair of neighbours is a word, so
-- that a name is found by its middle, and one wrong character spoils little.
create function search_words(stem text) returns text
  language sql immutable strict parallel safe
as $$
  select string_agg(case when token ~ '^[\x01-\x7f]*$' then token else
    (select string_agg(substr(token, i, 1) || ' ' || substr(token, i, 2), ' ' order by i) from generate_series(1, length(token)) i)
    end, ' ' order by n)
  from regexp_split_to_table(stem, ' ') with ordinality as t (token, n)
$$;

-- The numbers in a text, each once.
create function search_numbers(t text) returns text[]
  language sql immutable strict parallel safe
as $$ select coalesce(array_agg(distinct '#' || ltrim(m[1], '0')), '{}') from regexp_matches(search_fold(t), '[0-9]+', 'g') m $$;

-- What a building is fetched by: its names and addresses without numbers, kept apart by community, and its numbers. An
-- import brings thousands without a name a second; nothing is worked out of nothing.
create function search_tokens(code text, name_zh text, name_en text, address_zh text, address_en text) returns text[]
  language sql immutable strict parallel safe
  return array_remove(array[
      case when name_zh <> '' then left(code, 12) || search_stem(name_zh) end,
      case when name_en <> '' then left(code, 12) || search_stem(name_en) end,
      case when address_zh <> '' then left(code, 12) || search_stem(address_zh) end,
      case when address_en <> '' then left(code, 12) || search_stem(address_en) end], null)
    || case when name_zh <> '' or address_zh <> '' then search_numbers(name_zh || ' ' || address_zh) else '{}' end;

create table search_term (
  code  text collate "C" not null,  -- of the community
  stem  text not null,
  words text not null,
  primary key (code, stem)
);
create index search_term_words_idx on search_term using gin (words gin_trgm_ops);

-- A name that no building has any more stays: it finds nothing, and costs a row.
-- +goose StatementBegin
create function keep_search_terms() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  insert into search_term (code, stem, words)
  select code, stem, search_words(stem)
  from (select distinct left(n.code, 12) as code, search_stem(t.text) as stem
        from new_rows n, lateral (values (n.name_zh), (n.name_en), (n.address_zh), (n.address_en)) t (text)
        where t.text <> '') s
  where stem <> ''
  on conflict do nothing;
  return null;
end
$$;
-- +goose StatementEnd
create trigger building_terms_new after insert on building referencing new table as new_rows
  for each statement execute function keep_search_terms();
create trigger building_terms_changed after update on building referencing new table as new_rows
  for each statement execute function keep_search_terms();

insert into search_term (code, stem, words)
select code, stem, search_words(stem)
from (select distinct left(b.code, 12) as code, search_stem(t.text) as stem
      from building b, lateral (values (b.name_zh), (b.name_en), (b.address_zh), (b.address_en)) t (text)) s
where stem <> '';

drop function building_search(text, integer);
drop index building_text_idx;
create index building_search_idx on building using gin (search_tokens(code, name_zh, name_en, address_zh, address_en));
create index area_search_idx on area using gin (search_words(search_stem(name_zh || ' ' || name_en)) gin_trgm_ops);
create index incident_type_idx on incident (type, id desc);

-- The overlap of trigrams is not leakproof, so that row-level security would keep its indexes out of use: these two
-- functions run as their owner and apply the scope themselves. Criteria: q (name or address, in any of the languages),
-- lim. Columns: id, score (1 is all of the words and a number), best first.
-- +goose StatementBegin
create function building_search(q text, lim integer)
  returns table (id integer, score real)
  language plpgsql stable security definer
  set search_path = public, pg_temp
  set pg_trgm.word_similarity_threshold = 0.24
as $$
declare
  wanted text := search_words(search_stem(q));
  numbers text[] := search_numbers(q);
  lo text := scope_lo();
  hi text := scope_hi();
begin
  return query
  with terms as materialized (
    select t.code || t.stem as token,
      (0.7 * word_similarity(wanted, t.words) + 0.2 * similarity(wanted, t.words))::real as near
    from search_term t
    where wanted <% t.words and t.code >= left(lo, 12) and t.code < left(hi, 12) || ':'
    order by near desc, t.code, t.stem limit 40
  ), numbered as materialized (
    select b.id, b.code, t.near + 0.1::real * (select count(*) from unnest(numbers) n
      where n = any (search_numbers(b.name_zh || ' ' || b.address_zh)))::real / cardinality(numbers) as near
    from terms t, unnest(numbers) n,
      -- offset 0 keeps the scope out of the lookup: a planner that meets both may walk the index on the code instead.
      lateral (select b.* from building b
        where search_tokens(b.code, b.name_zh, b.name_en, b.address_zh, b.address_en) @> array[t.token, n] offset 0) b
    where b.code >= lo and b.code < hi
  ), plain as (
    select b.id, b.code, t.near
    from terms t,
      lateral (select b.id, b.code from building b
        where search_tokens(b.code, b.name_zh, b.name_en, b.address_zh, b.address_en) @> array[t.token] offset 0) b
    where b.code >= lo and b.code < hi
  )
  select f.id, max(f.near)::real as score
  from (select * from numbered union all select * from plain) f
  group by f.id, f.code
  order by score desc, f.code
  limit lim;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function area_search(q text, lim integer)
  returns table (id integer, score real)
  language plpgsql stable security definer
  set search_path = public, pg_temp
  set pg_trgm.word_similarity_threshold = 0.24
as $$
declare
  wanted text := search_words(search_stem(q));
begin
  return query
  select a.id, (0.7 * word_similarity(wanted, search_words(search_stem(a.name_zh || ' ' || a.name_en)))
      + 0.3 * greatest(similarity(wanted, search_words(search_stem(a.name_zh))),
                       similarity(wanted, search_words(search_stem(a.name_en)))))::real as score
  from area a
  where wanted <% search_words(search_stem(a.name_zh || ' ' || a.name_en)) and a.code >= scope_lo() and a.code < scope_hi()
  order by score desc, length(a.code), a.code
  limit lim;
end
$$;
-- +goose StatementEnd

alter table search_term enable row level security;
revoke execute on function building_search(text, integer), area_search(text, integer), keep_search_terms() from public;
grant execute on function building_search(text, integer), area_search(text, integer) to gridweave_app;
