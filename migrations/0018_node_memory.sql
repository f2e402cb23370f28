-- How far back each server can tell what happened, and up to where its clients have been told: from these a server that
-- has just started knows whom it would have to send away. Positions; empty where nothing is loaded.

-- +goose Up
alter table node
  add column floor text not null default '',
  add column told  text not null default '';
