package city

import "errors"

func planCity(seed uint64) (*plan, error) { return nil, errors.New("todo") }
