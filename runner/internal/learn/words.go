package learn

import (
	"iter"
	"maps"
	"regexp"
	"strconv"
)

var (
	hex32         = regexp.MustCompile(`^[0-9a-f]{32}$`)
	uuidForm      = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	attributeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.\-]*$`)
	word          = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]*|[\w-]+`) // a token is one
	digits        = regexp.MustCompile(`^[0-9]+$`)
	timestamp     = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}`)
)

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// standIn is what takes the place of the i-th secret: equal secrets have equal ones.
func standIn(i int) string { return "flowtest-secret-" + strconv.Itoa(i+1) }
