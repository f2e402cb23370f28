-- What the servers follow: the tables of the live picture, each without the columns that are nobody's business there.
-- No password, no sealed or hashed personal data, no free text leaves the database this way.

-- +goose Up
create publication gridweave for table
  area (id, code, name_zh, name_en, geom),
  base_feature (id, kind, class, name_zh, name_en, min_zoom, geom),
  building (id, code, name_zh, name_en, kind, height_m, geom),
  building_state (building_id, code, use, grade, rooms, rental_rooms, residents, open_incidents),
  incident (id, code, building_id, geom, type, status, source, reported_at, due_at, escalation),
  declaration (id, code, status, source, submitted_at, due_at),
  task (id, kind, code, incident_id, declaration_id, assignee_id, status, due_at),
  account (id, name, role, code, department, active),
  token (id, account_id, hash, expires_at, revoked_at),
  session (token, account_id, expires_at);
