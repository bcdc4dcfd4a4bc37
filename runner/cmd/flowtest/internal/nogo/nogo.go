// Package nogo keeps the start of the program from running the go command. It does not know the
// program.
//
// Package builder of godog makes test programs, which flowtest has no use for. A variable of it
// runs "go env GOTOOLDIR" whenever the program starts, and drops what that prints. This takes as
// long as the rest of the start, and in the folder of a module of a later Go version the go
// command may first download that version. So PATH is unset while packages are initialized: of
// those whose imports are initialized Go takes the first by its import path, and this one imports
// only os, which the builder needs too.
package nogo

import "os"

var path, isSet = unset()

func unset() (path string, isSet bool) {
	path, isSet = os.LookupEnv("PATH")
	_ = os.Unsetenv("PATH") // if it fails, the go command runs
	return path, isSet
}

// Restore sets PATH to what it was. It is for a variable of package main, which is initialized
// after all others.
func Restore() error {
	if !isSet {
		return nil
	}
	return os.Setenv("PATH", path)
}
