-- The words of areas' and of incident types' names, kept beside them: making them for each name looked at took longer
-- than the search itself.

-- +goose Up
alter table area add column name_words text
  generated always as (search_words(search_stem(name_zh || ' ' || name_en))) stored;
drop index area_search_idx;
create index area_words_idx on area using gin (name_words gin_trgm_ops);

alter table incident_type add column name_words text
  generated always as (search_words(search_stem(name_zh || ' ' || name_en))) stored;

-- As before; what fits best by its words is then judged in each language by itself.
-- +goose StatementBegin
create or replace function area_search(q text, lim integer)
  returns table (id integer, score real)
  language plpgsql stable security definer
  set search_path = public, pg_temp
  set pg_trgm.word_similarity_threshold = 0.24
as $$
declare
  wanted text := search_words(search_stem(q));
  lo text := scope_lo();
  hi text := scope_hi();
begin
  return query
  with fitting as materialized (
    select a.id, a.code, a.name_zh, a.name_en, word_similarity(wanted, a.name_words) as near
    from area a
    where wanted <% a.name_words and a.code >= lo and a.code < hi
    order by near desc, length(a.code), a.code limit 3 * lim
  )
  select f.id, (0.7 * f.near + 0.3 * greatest(
      similarity(wanted, search_words(search_stem(f.name_zh))), similarity(wanted, search_words(search_stem(f.name_en)))))::real as score
  from fitting f
  order by score desc, length(f.code), f.code
  limit lim;
end
$$;
-- +goose StatementEnd

-- Two batches of an import write at once and commit in order. A key that is unique would make the one wait for the other
-- over a name that both bring, while the other waits for its turn. So names are looked for first, and one that two
-- transactions bring at the same moment is there twice, which a search does not mind.
alter table search_term drop constraint search_term_pkey;
create index search_term_code_idx on search_term (code, stem);
-- +goose StatementBegin
create or replace function keep_search_terms() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  insert into search_term (code, stem, words)
  select s.code, s.stem, search_words(s.stem)
  from (select distinct left(n.code, 12) as code, search_stem(t.text) as stem
        from new_rows n, lateral (values (n.name_zh), (n.name_en), (n.address_zh), (n.address_en)) t (text)) s
  where s.stem <> '' and not exists (select from search_term t where t.code = s.code and t.stem = s.stem);
  return null;
end
$$;
-- +goose StatementEnd
