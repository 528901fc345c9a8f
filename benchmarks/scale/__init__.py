"""What becomes of everything as a store grows: stores are filled, and every page, scrape, rank and look is measured over them."""
