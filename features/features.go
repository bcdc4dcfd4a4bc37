// Package features holds the feature files that flowtest ships, embedded. It knows no step.
package features

import (
	"embed"
	"io/fs"
)

//go:embed */*.feature */*.json
var shipped embed.FS

// Shipped returns the feature files that come with flowtest.
func Shipped() fs.FS { return shipped }
