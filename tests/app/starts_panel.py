"""What tests of many start points share."""

THREE = ((-0.3, -0.9), (2.0, 3.0), (-3.0, 1.0))


def cloud(lab):
    return [[tuple(point) for point in trail.points.tolist()] for trail in lab.plot._cloud.trails()]
