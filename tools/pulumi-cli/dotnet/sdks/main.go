// Generates the .NET SDK of a Pulumi package: reads its schema, and writes one JSON object with each file by its path, in
// Base64. This is the last version of the module that was published with this generator.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"os"
	"path"

	"github.com/pulumi/pulumi/pkg/v3/codegen/dotnet"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// The package refers to no other: there is nothing to load.
type none struct{ schema.ReferenceLoader }

// The generator gets the package's picture by HTTP, in the end from Pulumi's own repository. Nothing is to be downloaded:
// the picture is a blank one.
type blank struct{}

func (blank) RoundTrip(*http.Request) (*http.Response, error) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(&picture)}, nil
}

func main() {
	http.DefaultTransport = blank{}
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func generate() error {
	var spec schema.PackageSpec
	if err := json.NewDecoder(os.Stdin).Decode(&spec); err != nil {
		return err
	}
	bound, warnings, err := schema.BindSpec(spec, none{}, schema.ValidationOptions{})
	if err != nil {
		return err
	}
	if len(warnings) > 0 {
		return warnings
	}
	generated, err := dotnet.GeneratePackage("make sdks", bound, nil, nil)
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for name, content := range generated {
		files[path.Join("dotnet", name)] = content
	}
	return json.NewEncoder(os.Stdout).Encode(files)
}
