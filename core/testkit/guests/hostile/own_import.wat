;; Wants a function that the contract does not have.
(import "garant:policy/records@1.0.0" "read" (func (param i32 i32) (result i32)))
