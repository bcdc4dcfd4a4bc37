package recordings

import (
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// Disk is what saving does to the file system, for tests that fail a step of it.
type Disk = disk

// OS is the file system itself.
type OS = osDisk

// CreateOn is [Create] on a disk of the test's own.
func CreateOn(dir string, d Disk) (*Writer, error) { return create(dir, d) }

// Beside names what saving makes beside a folder.
var Beside = beside

// Before reports whether a replay tries r before o.
func (r *Request) Before(o *Request) bool { return r.compare(o) < 0 }

// ReadBoth reads a recording.yaml from its tree and by the decoder of the library. The first
// is nil where the tree is not read.
func ReadBoth(text []byte) (quick, slow any, err error) {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, nil, err
	}
	var one, other fileYAML
	if one.read(tree.Docs[0].Body) {
		quick = one
	}
	err = yaml.NodeToValue(tree.Docs[0].Body, &other, yaml.Strict())
	return quick, other, err
}

// Variables returns where a text has variables.
func Variables(text string) (out [][2]int) {
	for v := range variablesOf([]byte(text)) {
		out = append(out, [2]int{v.start, v.end})
	}
	return out
}
