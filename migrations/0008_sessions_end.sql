-- A session outlives neither the password it was opened with nor the account, also where somebody else than the server
-- changes them; an account that comes back has to sign in again.

-- +goose Up
-- +goose StatementBegin
create function account_sessions_end() returns trigger
  language plpgsql
as $$
begin
  delete from session where account_id = new.id;
  return null;
end
$$;
-- +goose StatementEnd
create trigger account_sessions_end after update of password_hash, active on account
  for each row when (old.password_hash is distinct from new.password_hash or old.active and not new.active)
  execute function account_sessions_end();
