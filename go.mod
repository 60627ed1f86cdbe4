module github.com/sealkin/sealkin

go 1.26.0

require (
	filippo.io/bigmod v0.1.0
	github.com/1Password/srp v0.2.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/crypto v0.59.0
	golang.org/x/text v0.44.0
)

require (
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.50.0 // indirect
)
