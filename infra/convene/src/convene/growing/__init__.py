"""One person's group on its way to thousands of members, with the crowd of `convene load`: the last act of the demo."""
