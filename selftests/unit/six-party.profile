party 0 p1
	output 0 phase 0 action 0 order to p2 count 1 hours 8h
	output 1 phase 0 action 0 order to p4 count 1 hours 8h
party 1 p2
	input 0 phase 0 action 0 order from p1 count 1 hours 8h
	output 0 phase 1 action 1 parts to p3 count 1 hours 16h
	output 1 phase 1 action 1 parts to p5 count 1 hours 16h
party 2 p3
	input 0 phase 1 action 1 parts from p2 count 1 hours 16h
	output 0 phase 2 action 0 sub-assembly to p6 count 1 hours 4h
party 3 p4
	input 0 phase 0 action 0 order from p1 count 1 hours 8h
	output 0 phase 1 action 0 frame to p5 count 1 hours 12h
party 4 p5
	input 0 phase 1 action 0 frame from p4 count 1 hours 12h
	input 1 phase 1 action 1 parts from p2 count 1 hours 16h
	output 0 phase 2 action 1 unit to p6 count 1 hours 6h
party 5 p6
	input 0 phase 2 action 0 sub-assembly from p3 count 1 hours 4h
	input 1 phase 2 action 1 unit from p5 count 1 hours 6h
