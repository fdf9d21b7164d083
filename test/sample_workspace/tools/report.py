"""Prints the takings of one day from a file with one order a line."""
import sys


def day_total(lines):
    """The sum of all orders, in cents."""
    return sum(int(line.split(",")[1]) for line in lines if line.strip())


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as orders:
        print(f"{day_total(orders) / 100:.2f}")
