package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis"
)

type dbCommand struct {
	URL dbURL `cmd:"" name:"url" help:"Print a URL for psql as the administrator."`
}

type dbURL struct{ place }

// Run prints the URL; a private cluster has one only while its server runs.
func (d *dbURL) Run(c *console) error {
	url := d.DatabaseURL
	if url == "" {
		running, err := postgis.RunningURL(c, d.Data)
		if err != nil {
			return err
		}
		url = running
	}
	if d.JSON {
		return c.printJSON(map[string]string{"url": url})
	}
	c.printLine("%s", url)
	return nil
}

// root is the code of the widest area that is loaded.
func (o *opened) root(ctx context.Context) (geo.Code, error) {
	var code geo.Code
	err := o.Admin.QueryRow(ctx, `select code from area order by length(code), code limit 1`).Scan(&code)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", errors.New("no area is loaded yet: import areas first, or generate a demo district")
	}
	if err != nil {
		return "", fmt.Errorf("root area: %w", err)
	}
	return code, nil
}

type versionCommand struct {
	JSON bool `help:"Print as JSON."`
}

// version is set by the build from the repository's tag or commit.
var version = "dev"

// Run prints version and toolchain.
func (v *versionCommand) Run(c *console) error {
	info, _ := debug.ReadBuildInfo()
	toolchain := ""
	if info != nil {
		toolchain = info.GoVersion
	}
	if v.JSON {
		return c.printJSON(map[string]string{"version": version, "go": toolchain})
	}
	c.printLine("gridweave %s (%s)", version, toolchain)
	return nil
}
