package installation

import (
	"github.com/redis/go-redis/v9"

	"frontdesk/cmd/frontdesk/trust"
	"frontdesk/configs"
	"frontdesk/workers/engine"
)

// ConnectRedis makes the client of the configured Redis; it does not connect yet.
// The caller closes it. A wrong URL or an unreadable ca_file is an error here; whether somebody answers is seen at
// the first command.
func ConnectRedis(c configs.Config) (redis.UniversalClient, error) {
	r, err := RedisConfig(c.Redis, c.CAFile)
	if err != nil {
		return nil, err
	}
	return engine.Connect(r)
}

// RedisConfig is the configured Redis. common is a file of authorities, for where it has none of its own.
func RedisConfig(c configs.Redis, common string) (engine.RedisConfig, error) {
	believed, err := trust.Roots("", common)
	if err != nil {
		return engine.RedisConfig{}, err
	}
	out := engine.RedisConfig{URL: c.URL.Reveal(), CAFile: c.CAFile, Roots: believed}
	if s := c.Sentinel; s != nil {
		out.Master, out.Sentinel, out.Username, out.Password = s.Master, s.Addrs, s.Username, s.Password.Reveal()
		out.SentinelPassword, out.DB, out.TLS = s.SentinelPassword.Reveal(), s.DB, s.TLS
	}
	if s := c.Cluster; s != nil {
		out.Cluster, out.Username, out.Password, out.TLS = s.Addrs, s.Username, s.Password.Reveal(), s.TLS
	}
	return out, nil
}
