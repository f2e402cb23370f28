package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
)

// features are the buildings of a tile with their attributes, by id.
type features map[uint64]map[string]float64

// features asks for a tile and reads its buildings.
func (s *server) features(ctx context.Context, t maptile.Tile) (features, error) {
	body, status, err := s.get(ctx, s.path(t))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d: %.200s", status, body)
	}
	if err != nil {
		return nil, fmt.Errorf("%s, tile %d/%d/%d: %w", s.child.Name, t.Z, t.X, t.Y, err)
	}
	return readFeatures(body)
}

// unpackFeatures reads the buildings of a tile compressed with gzip.
func unpackFeatures(body []byte) (features, error) {
	zr, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("tile unpack: %w", err)
	}
	raw, err := io.ReadAll(zr)
	if err != nil {
		return nil, fmt.Errorf("tile unpack: %w", err)
	}
	return readFeatures(raw)
}

func readFeatures(body []byte) (features, error) {
	layers, err := mvt.Unmarshal(body)
	if err != nil {
		return nil, fmt.Errorf("tile read: %w", err)
	}
	found := features{}
	for _, layer := range layers {
		if layer.Name != "building" {
			continue
		}
		for _, f := range layer.Features {
			id, _ := f.ID.(float64)
			values := map[string]float64{}
			for name, v := range f.Properties {
				number, ok := v.(float64)
				if !ok {
					return nil, fmt.Errorf("tile read: attribute %s is a %T", name, v)
				}
				values[name] = number
			}
			found[uint64(id)] = values
		}
	}
	return found, nil
}

// edgeShare is how many of a tile's buildings may be missing on one side: one that reaches less than a unit into the
// tile's buffer is nothing to the one and a sliver to the other.
const edgeShare = 0.001

// difference says how two tiles differ, in one line; empty where they do not.
func difference(want, got features) string {
	missing := 0
	for id, values := range want {
		other, ok := got[id]
		if !ok {
			missing++
		} else if !maps.Equal(values, other) {
			return fmt.Sprintf("building %d has %v instead of %v", id, other, values)
		}
	}
	added := len(got) - len(want) + missing
	if float64(missing+added) > edgeShare*float64(len(want)) {
		return fmt.Sprintf("%d buildings instead of %d: %d are missing, %d are not ours", len(got), len(want), missing, added)
	}
	return ""
}
