// Package davinci is the protocol of DaVinci flows, read in one place: the
// endpoints, what an answer means, its screen and fields, and the data model of
// the documentation. It sends nothing and knows no recording.
package davinci

import (
	"slices"
)

// A Kind is the JSON kind a value must have.
type Kind uint8

// The kinds that the property table names, and Number for values that steps ask for.
const (
	String Kind = iota + 1
	Number
	Boolean
	Object
	Array
)

// String returns the kind as a sentence of a feature writes it.
func (k Kind) String() string {
	switch k {
	case String:
		return "string"
	case Number:
		return "number"
	case Boolean:
		return "boolean"
	case Object:
		return "object"
	case Array:
		return "array"
	default:
		return "unknown"
	}
}

// A Requirement is the column "Required?" of the property table.
type Requirement uint8

// The three values of the column.
const (
	NotApplicable Requirement = iota // "N/A": the service sends it, a client never does
	Optional
	Required
)

// String returns the value as the page prints it.
func (r Requirement) String() string {
	switch r {
	case Optional:
		return "Optional"
	case Required:
		return "Required"
	default:
		return "N/A"
	}
}

// A Property is one row of the table "DaVinci flow capabilities data model properties".
type Property struct {
	// Path is the dotted JSON path as the page prints it, for example
	// "form.components.fields". It is never empty.
	Path string

	// Kind is the JSON kind a value must have, as the page gives it.
	Kind Kind

	// Required is the column "Required?".
	Required Requirement

	// Mutable is false where the page says "Read only".
	Mutable bool

	// Secret says that a recording, a log or a report must never hold the
	// value as it was sent.
	Secret bool

	// Doubt is empty, or says where the page disagrees with itself or with the wire.
	Doubt string
}

// Properties returns every row in the page's order. The slice is the caller's.
//
// Source: "DaVinci flow capabilities data model properties"; both official
// pages print the same table.
func Properties() []Property { return slices.Clone(table) }

// Lookup returns the row whose path is path. A path below
// "parameters.data.formData" is answered by the row "{{attribute}}".
func Lookup(path string) (Property, bool) {
	if i, ok := index[path]; ok {
		return table[i], true
	}
	if len(path) > len(formDataPath) && path[:len(formDataPath)] == formDataPath {
		return table[index[formDataPath+"{{attribute}}"]], true
	}
	return Property{}, false
}

const formDataPath = "parameters.data.formData."

// index finds a row by its path.
var index = func() map[string]int {
	m := make(map[string]int, len(table))
	for i, p := range table {
		m[p.Path] = i
	}
	return m
}()

// The capabilities that the documentation or the wire names.
const (
	CustomHTMLTemplate            = "customHTMLTemplate"
	CustomHTMLMessage             = "customHtmlMessage"
	CustomForm                    = "customForm"
	ShowForm                      = "showForm"
	ReturnSuccessResponseRedirect = "returnSuccessResponseRedirect"
	CreateSuccessResponse         = "createSuccessResponse"
	CustomErrorMessage            = "customErrorMessage"
	SetSession                    = "setSession"
)

// SecretPaths returns the paths of response values that are secrets beside
// those of the property table: the wire has more than the table lists.
//
// Source: the table's rows marked Secret, and the completed response with
// token response types.
func SecretPaths() []string { return secretPaths }

var secretPaths = []string{
	"interactionToken",
	"authorizeResponse.code", "authorizeResponse.access_token", "authorizeResponse.id_token",
	"authorizeResponse.refresh_token",
	"session.id", "sessionToken", "access_token", "id_token", "refresh_token", "dvResponse",
}
