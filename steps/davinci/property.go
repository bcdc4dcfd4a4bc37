// Package davinci is the protocol of DaVinci flows, read in one place: the
// endpoints, what an answer means, its screen and fields, and the data model of
// the documentation. It sends nothing and knows no recording.
package davinci

import (
	"slices"
)

// A Property is one row of the table "DaVinci flow capabilities data model properties".
type Property struct {
	// Path is the dotted JSON path as the page prints it, for example
	// "form.components.fields". It is never empty.
	Path string

	// Kind is the JSON kind a value must have, as the page gives it: "string",
	// "boolean" or "object".
	Kind string

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

// The capabilities that the documentation or the wire names.
const (
	CustomHTMLTemplate            = "customHTMLTemplate"
	CustomForm                    = "customForm"
	ShowForm                      = "showForm"
	ReturnSuccessResponseRedirect = "returnSuccessResponseRedirect"
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
