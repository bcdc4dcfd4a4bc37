// Command flowtest runs features against PingOne DaVinci flows, live or replayed.
package main

import (
	"flowtest/runner/cmd/flowtest/internal/nogo"
	"flowtest/runner/internal/cli"
)

var _ = nogo.Restore()

func main() { cli.Start() }
