package mvttest

import (
	"errors"
	"fmt"
)

const (
	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

// commands reads a geometry: each point, line or ring is a part.
func commands(data []byte, kind int) (parts [][][2]int32, err error) {
	all, err := packed(data)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errors.New("no geometry")
	}
	r := reader{rest: all}
	for len(r.rest) > 0 {
		part, err := r.part(kind)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// reader walks along a geometry's integers.
type reader struct {
	rest   []uint32
	cursor [2]int32
}

func (r *reader) part(kind int) ([][2]int32, error) {
	n, err := r.command(moveTo)
	if err != nil {
		return nil, err
	}
	if kind == 1 {
		if len(r.rest) != 2*n {
			return nil, errors.New("points are one command")
		}
		return r.points(n)
	}
	if n != 1 {
		return nil, fmt.Errorf("a line begins at %d points", n)
	}
	start, err := r.points(1)
	if err != nil {
		return nil, err
	}
	if n, err = r.command(lineTo); err != nil {
		return nil, err
	}
	if kind == 3 && n < 2 {
		return nil, fmt.Errorf("a ring of %d points", n+1)
	}
	rest, err := r.points(n)
	if err != nil {
		return nil, err
	}
	if kind == 3 {
		n, err := r.command(closePath)
		if err != nil {
			return nil, err
		}
		if n != 1 {
			return nil, fmt.Errorf("a ring is closed %d times", n)
		}
	}
	return append(start, rest...), nil
}

// command reads a command of the id and gives its count, at least 1.
func (r *reader) command(id uint32) (int, error) {
	if len(r.rest) == 0 {
		return 0, fmt.Errorf("command %d is missing", id)
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	if c&7 != id || c>>3 == 0 {
		return 0, fmt.Errorf("command %d with count %d, want command %d", c&7, c>>3, id)
	}
	return int(c >> 3), nil
}

func (r *reader) points(n int) (points [][2]int32, err error) {
	if len(r.rest) < 2*n {
		return nil, errors.New("coordinates are missing")
	}
	for i := range n {
		for axis := range 2 {
			u := r.rest[2*i+axis]
			r.cursor[axis] += int32(u>>1) ^ -int32(u&1)
		}
		points = append(points, r.cursor)
	}
	r.rest = r.rest[2*n:]
	return points, nil
}

// check holds that the geometry lies within the bounds, that nothing in it has no length, and that rings wind as they
// must: the first and every other outer one has a positive area (y runs down), holes a negative one.
func (f *Feature) check(low, high int32) error {
	for i, part := range f.Parts {
		for _, p := range part {
			if p[0] < low || p[1] < low || p[0] > high || p[1] > high {
				return fmt.Errorf("point %v lies outside %d to %d", p, low, high)
			}
		}
		if f.Kind == 1 {
			continue
		}
		for j := 1; j < len(part); j++ {
			if part[j] == part[j-1] {
				return fmt.Errorf("a line without length at %v", part[j])
			}
		}
		if f.Kind == 3 {
			if err := ring(part, i == 0); err != nil {
				return err
			}
		}
	}
	return nil
}

func ring(points [][2]int32, first bool) error {
	if points[0] == points[len(points)-1] {
		return errors.New("a ring repeats its first point")
	}
	area := int64(0)
	for i, p := range points {
		q := points[(i+1)%len(points)]
		area += int64(p[0])*int64(q[1]) - int64(q[0])*int64(p[1])
	}
	if area == 0 || first && area < 0 {
		return fmt.Errorf("a ring of area %d/2, the first %v", area, first)
	}
	return nil
}
