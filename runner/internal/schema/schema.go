// Package schema has the JSON Schemas of the files that people write for flowtest. They
// are for editors; a run does not use them, because flowtest's own errors say more.
package schema

import (
	"embed"
	"strings"
)

//go:embed *.json
var files embed.FS

// Names returns the names of the files that have a schema.
func Names() []string {
	return []string{"flowtest.yaml", "recording.yaml", "known-failures.yaml", "mutants.yaml", "sentences.yaml"}
}

// Of returns the schema of a file, whose name may lack .yaml. It returns "" if there is none.
func Of(name string) string {
	text, err := files.ReadFile(strings.TrimSuffix(name, ".yaml") + ".yaml.json")
	if err != nil {
		return ""
	}
	return string(text)
}

// File is the name of the file into which flowtest init writes a schema.
func File(name string) string { return strings.TrimSuffix(name, ".yaml") + ".schema.json" }
