;; Never even starts.
(func $start (loop $forever (br $forever)))
(start $start)
