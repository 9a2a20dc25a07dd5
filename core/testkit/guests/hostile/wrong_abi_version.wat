;; A component made for a contract that does not exist yet.
(component
  (import "garant:policy/host@2.0.0" (instance)))
