# SPDX-License-Identifier: AGPL-3.0-or-later
# Of a server that lives as long as one run of the tests: nothing here is secret.
import Config

config :pleroma, Pleroma.Web.Endpoint,
  url: [host: "akkoma.test", scheme: "https", port: 443],
  http: [ip: {0, 0, 0, 0}, port: 4000],
  secret_key_base: String.duplicate("not secret ", 8),
  live_view: [signing_salt: "not secret"],
  signing_salt: "not secret"

config :pleroma, :instance,
  name: "Akkoma under test",
  email: "staff@akkoma.test",
  notify_email: "staff@akkoma.test",
  registrations_open: false,
  rewrite_policy: []

config :pleroma, :rate_limit, nil

config :pleroma, Pleroma.Repo,
  adapter: Ecto.Adapters.Postgres,
  username: "postgres",
  password: "postgres",
  database: "akkoma",
  hostname: "akkoma-db"

config :joken, default_signer: String.duplicate("not secret ", 6)
