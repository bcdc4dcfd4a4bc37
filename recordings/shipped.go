package recordings

import (
	"embed"
	"io/fs"
)

//go:embed */recording.yaml */*.json */*.html
var shipped embed.FS

// Shipped returns the recordings that come with flowtest.
func Shipped() fs.FS { return shipped }
